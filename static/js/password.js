// <userkit-password>: the button that shows and hides a password.
// In: the input, and a <template> with the button, so without a script there is no button.
// The field is a password again when its form is sent, or browsers would remember it as text.

customElements.get("userkit-password") || customElements.define("userkit-password", class extends HTMLElement {
  connectedCallback() {
    if (this.button) return
    this.input = this.querySelector("input")
    this.append(this.querySelector("template").content.cloneNode(true))
    this.button = this.querySelector("button")
    this.button.addEventListener("click", () => this.show(this.input.type === "password"))
    this.input.form?.addEventListener("submit", () => this.show(false))
  }

  show(visible) {
    this.input.type = visible ? "text" : "password"
    this.button.setAttribute("aria-pressed", visible)
  }
})
