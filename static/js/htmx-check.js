// Warns when a page loads two htmx: each would answer a click, and one click would send two requests.
// Loaded before the kit's own, so that every change of window.htmx is seen.

{
  const seen = new Set()

  const look = () => {
    if (!window.htmx?.version || seen.has(window.htmx)) return
    seen.add(window.htmx)
    if (seen.size === 2) {
      console.warn("flask-userkit: this page loads htmx twice, so one click sends two requests. Use userkit_head(htmx=false) where the app loads its own.")
    }
  }

  look()
  document.addEventListener("load", look, true)
  addEventListener("load", look)
}
