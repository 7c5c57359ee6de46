// <userkit-session href="…" value="…">: leaves a page once the session that it was made for is over, or another's.
// It asks when the page is looked at, and when another tab has sent a form or shows another session. To ask is no
// activity: it keeps no session open.

customElements.get("userkit-session") || customElements.define("userkit-session", class extends HTMLElement {
  connectedCallback() {
    // A page may have several buttons.
    if (document.querySelector("userkit-session") !== this) return
    this.end = new AbortController()
    const { signal } = this.end
    const on = (target, name, act) => target.addEventListener(name, act, { signal })
    const look = () => this.look()
    on(document, "visibilitychange", look)
    on(window, "focus", look)
    on(window, "pageshow", event => event.persisted && look())
    if (!window.BroadcastChannel) return
    this.tabs = new BroadcastChannel("userkit-session")
    on(this.tabs, "message", ({ data }) => data === this.getAttribute("value") || look())
    this.tabs.postMessage(this.getAttribute("value"))
    let sent = false
    on(document, "submit", () => { sent = true })
    // The page goes once its form is answered.
    on(window, "pagehide", () => sent && this.tabs.postMessage(""))
  }

  disconnectedCallback() {
    this.end?.abort()
    this.tabs?.close()
  }

  async look() {
    if (this.asking || document.visibilityState !== "visible") return
    this.asking = true
    const answer = await fetch(this.getAttribute("href"), { cache: "no-store" }).catch(() => null)
    const session = answer?.ok ? (await answer.json().catch(() => ({}))).session : undefined
    this.asking = false
    // Without an answer it stays. A form that was sent is not sent again.
    if (session !== undefined && session !== this.getAttribute("value")) location.replace(location.pathname + location.search)
  }
})
