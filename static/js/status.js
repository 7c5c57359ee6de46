// <userkit-status>: the place from which changes are read aloud.
// A screen reader hears only what changes in a region that is there from the start.

customElements.get("userkit-status") || customElements.define("userkit-status", class extends HTMLElement {
  connectedCallback() {
    this.setAttribute("role", "status")
  }
})
