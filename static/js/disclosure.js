// <userkit-disclosure>: Cancel closes the panel in place, and the focus goes back to what opened it.
// In: <details> with a form that has a [data-userkit-cancel] link. Where the server has refused the
// form, its fields hold what was refused, so the link is followed and the page comes back as saved.

customElements.get("userkit-disclosure") || customElements.define("userkit-disclosure", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this)
  }

  handleEvent(event) {
    const form = event.target.closest("[data-userkit-cancel]")?.closest("form")
    if (!form || form.querySelector("[aria-invalid]") || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    form.reset()
    const details = form.closest("details")
    details.open = false
    details.querySelector("summary").focus()
  }
})
