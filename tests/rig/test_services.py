"""The real servers are found, and what is missing says so."""

from __future__ import annotations

import pytest
import redis

from tests.rig.artifacts import folder
from tests.rig.artifacts import worker
from tests.rig.ci import Missing
from tests.rig.services import server_url


@pytest.mark.parametrize("name", ["postgresql", "mariadb", "redis"])
def test_a_server_that_does_not_answer_is_missing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    schemes = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql", "redis": "redis"}
    monkeypatch.setenv(f"TEST_{name.upper()}_URL", f"{schemes[name]}://127.0.0.1:1/test")
    server_url.cache_clear()
    with pytest.raises(Missing, match=f"{name} does not answer at .*set TEST_{name.upper()}_URL"):
        server_url(name)
    server_url.cache_clear()


def test_what_a_test_leaves_in_redis_is_dumped_and_deleted(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import redis\n"
        "pytest_plugins = 'tests.rig.fixtures.caches'\n"
        "def test_it(redis_url):\n"
        "    with redis.Redis.from_url(redis_url) as store:\n"
        "        store.set('rig-left-behind', 'plum')\n"
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
    with redis.Redis.from_url(server_url("redis")) as store:
        assert not store.exists("rig-left-behind")
    assert "rig-left-behind" in (folder("dumps") / f"redis-{worker()}.txt").read_text("utf-8")
