"""Which module imports which, read from the source and not from a running program."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Import:
    """One import statement's one target.

    ``target`` is relative to the package for its own modules (``services.identity``), and the
    top-level name for a library (``flask``); the standard library is left out.
    """

    module: str
    target: str
    own: bool
    for_types: bool
    line: int


def imports_of(package: Path) -> Iterator[Import]:
    """Yield every import of a package, also those inside functions."""
    for path in sorted(package.rglob("*.py")):
        module = ".".join(path.relative_to(package).with_suffix("").parts)
        yield from _imports_in(package, path, module.removesuffix(".__init__"))


def _imports_in(package: Path, path: Path, module: str) -> Iterator[Import]:
    tree = ast.parse(path.read_text("utf-8"), str(path))
    for_types = {id(node) for block in _type_checking_blocks(tree) for node in ast.walk(block)}
    inside = path.relative_to(package).parent.parts
    for node in ast.walk(tree):
        for target, own in _targets(package, node, inside):
            yield Import(module, target, own, id(node) in for_types, node.lineno)  # type: ignore[attr-defined] # a statement


def _type_checking_blocks(tree: ast.Module) -> Iterator[ast.If]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield node


def _targets(package: Path, node: ast.AST, inside: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _named(package, tuple(alias.name.split(".")))
    elif isinstance(node, ast.ImportFrom):
        parts = tuple((node.module or "").split(".")) if node.module else ()
        if node.level:
            base = (package.name, *inside[: len(inside) - node.level + 1], *parts)
        else:
            base = parts
        for alias in node.names:
            yield from _named(package, (*base, alias.name))


def _named(package: Path, parts: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    if parts[0] != package.name:
        if parts[0] not in sys.stdlib_module_names:
            yield parts[0], False
        return
    own = parts[1:]
    # What is imported from a module is not itself one.
    if own and not _is_module(package, own):
        own = own[:-1]
    yield ".".join(own), True


def _is_module(package: Path, parts: tuple[str, ...]) -> bool:
    path = package.joinpath(*parts)
    return path.is_dir() or path.with_suffix(".py").is_file()
