// <userkit-link-wait href="…">: waits until a link that was sent has been opened, here or on another device.
// In: the link that looks again. It asks while the page is looked at, and for as long as a link works.

customElements.get("userkit-link-wait") || customElements.define("userkit-link-wait", class extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.ask(), 3000)
    this.end = Date.now() + 10 * 60 * 1000
  }

  disconnectedCallback() {
    clearInterval(this.timer)
  }

  async ask() {
    if (Date.now() > this.end) return clearInterval(this.timer)
    if (document.visibilityState !== "visible") return
    const answer = await fetch(this.getAttribute("href"), { headers: { Accept: "application/json" } }).catch(() => null)
    // Without an answer it goes on. A refusal is one: the address or the session is gone.
    const status = answer?.ok ? (await answer.json()).status : answer?.status < 500 ? "refused" : "pending"
    if (status === "pending" || !this.isConnected) return
    clearInterval(this.timer)
    this.querySelector("a").click()
  }
})
