// <userkit-countdown seconds="24">: counts down, then opens the button inside.
// In: [data-time] with the seconds in words, [data-waiting] shown until the end, [data-ready] after it.

customElements.get("userkit-countdown") || customElements.define("userkit-countdown", class extends HTMLElement {
  connectedCallback() {
    const seconds = Number(this.getAttribute("seconds"))
    if (!seconds) return
    const language = this.closest("[lang]")?.lang
    this.words = new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: "long" })
    this.querySelector("button").disabled = true
    this.end = Date.now() + seconds * 1000
    this.timer = setInterval(() => this.tick(), 250)
  }

  disconnectedCallback() {
    clearInterval(this.timer)
  }

  tick() {
    const left = Math.ceil((this.end - Date.now()) / 1000)
    if (left <= 0) return this.open()
    const words = this.words.format(left)
    const place = this.querySelector("[data-time]")
    if (place.textContent !== words) place.textContent = words
  }

  open() {
    clearInterval(this.timer)
    this.querySelector("[data-waiting]").hidden = true
    this.querySelector("[data-ready]").hidden = false
    const button = this.querySelector("button")
    button.disabled = false
    button.removeAttribute("aria-describedby")
  }
})
