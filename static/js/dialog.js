// <userkit-dialog>: the rest of what a modal dialog needs; the browser holds the focus and hears Escape.
// In: a <dialog>. It opens by a link [data-userkit-dialog="its id"], by [commandfor] also where the browser does
// not know it, and at once where the server sent it open. It closes by [data-userkit-close] and a click beside it.

customElements.get("userkit-dialog") || customElements.define("userkit-dialog", class extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog")
    document.addEventListener("click", this)
    this.dialog.addEventListener("pointerdown", this)
    this.dialog.addEventListener("close", this)
    if (this.dialog.open) this.show()
  }

  disconnectedCallback() {
    document.removeEventListener("click", this)
  }

  handleEvent(event) {
    if (event.type === "close") return this.giveBack()
    // Text that is marked beyond the edge is not a click beside the dialog.
    if (event.type === "pointerdown") return void (this.pressed = event.target)
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return
    const control = event.target.closest?.("[commandfor], [data-userkit-dialog], [data-userkit-close]")
    if (control && this.obey(control)) event.preventDefault()
    else if (event.target === this.dialog && this.pressed === this.dialog && !("closedBy" in this.dialog)) this.dialog.close()
  }

  obey(control) {
    if (control.dataset.userkitDialog === this.dialog.id) return this.show()
    if ("userkitClose" in control.dataset && this.dialog.contains(control)) return this.close()
    if (control.getAttribute("commandfor") !== this.dialog.id || "command" in control) return false
    return control.getAttribute("command") === "close" ? this.close() : this.show()
  }

  show() {
    this.dialog.removeAttribute("open")
    this.dialog.showModal()
    return true
  }

  close() {
    this.dialog.close()
    return true
  }

  // The browser gives the focus back to where it was; of a dialog that was open from the start it knows no such place.
  giveBack() {
    const at = document.activeElement
    if (at !== document.body && !this.dialog.contains(at)) return
    const id = CSS.escape(this.dialog.id)
    document.querySelector(`[commandfor="${id}"], [data-userkit-dialog="${id}"]`)?.focus()
  }
})
