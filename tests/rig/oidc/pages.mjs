// The two pages of the provider: who somebody is, and what the app may have.

export function loginPage(hint = "") {
  return page(
    "Log in",
    `<p><label>Name <input name="login" value="${escape(hint)}" required autofocus></label></p>
    <button name="answer" value="yes">Log in</button>
    <button name="answer" value="no" formnovalidate>Cancel</button>`,
  );
}

export function consentPage(name, scopes) {
  const boxes = scopes
    .filter((scope) => scope !== "openid")
    .map(
      (scope) =>
        `<p><label><input type="checkbox" name="scope" value="${escape(scope)}" checked>
        ${escape(scope)}</label></p>`,
    );
  return page(
    "Allow",
    `<p>${escape(name)}, an app asks for this:</p>
    ${boxes.join("\n")}
    <button name="answer" value="yes">Allow</button>
    <button name="answer" value="no">Deny</button>`,
  );
}

function page(title, form) {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="icon" href="data:,">
  <title>${title}</title>
</head>
<body>
  <main>
    <h1>${title}</h1>
    <form method="post">
    ${form}
    </form>
  </main>
</body>
</html>`;
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
