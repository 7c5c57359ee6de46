// <userkit-default-open for="…">: opens a popover when the page has loaded, under its own button.

customElements.get("userkit-default-open") || customElements.define("userkit-default-open", class extends HTMLElement {
  connectedCallback() {
    const id = this.getAttribute("for")
    const source = document.querySelector(`[popovertarget="${CSS.escape(id)}"]`)
    document.getElementById(id)?.showPopover?.({ source })
  }
})
