// A section takes an answer only if the answer is that section, whatever its status: a refused form
// (422) goes in, also under htmx 2, and an app's error page or sign-in page stays out, also under htmx 4.
// The answer to a link that opens a card is the whole page, of which hx-select takes the section.
// What stays out, or never arrives, is told in words: the <template data-userkit-refusal> of the page.
// It listens on the kit's own targets and changes no setting of htmx.

{
  const isSection = target => target instanceof Element && target.matches(".userkit-section")

  const fits = (html, section, source) => {
    const { body } = new DOMParser().parseFromString(html, "text/html")
    const found = source.hasAttribute("hx-select") ? body.querySelector(source.getAttribute("hx-select")) : body.firstElementChild
    return found?.id === section.id
  }

  const refuse = section => {
    const template = section.closest(".userkit-profile")?.querySelector("template[data-userkit-refusal]")
    if (!template) return
    section.querySelector("[data-userkit-refused]")?.remove()
    const alert = template.content.firstElementChild.cloneNode(true)
    alert.dataset.userkitRefused = ""
    section.querySelector(".userkit-section__content").prepend(alert)
  }

  // htmx 2
  document.addEventListener("htmx:beforeSwap", event => {
    const { detail } = event
    if (!isSection(detail.target)) return
    detail.shouldSwap = fits(detail.serverResponse, detail.target, detail.requestConfig.elt)
    detail.isError = !detail.shouldSwap
    if (!detail.shouldSwap) refuse(detail.target)
  })

  // htmx 4
  document.addEventListener("htmx:before:swap", event => {
    const { ctx, tasks } = event.detail
    const section = tasks.find(task => task.type === "main")?.target
    if (!isSection(section) || fits(ctx.text, section, ctx.sourceElement)) return
    event.preventDefault()
    refuse(section)
  })

  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:error"]) {
    document.addEventListener(name, ({ detail }) => {
      const target = detail.ctx?.target ?? detail.target
      if (isSection(target)) refuse(target)
    })
  }
}
