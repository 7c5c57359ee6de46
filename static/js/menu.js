// <userkit-menu>: arrow keys and first letters; it closes when something in it is chosen or the focus leaves.
// In: a button with popovertarget, and the list of links and buttons that the browser opens for it.

customElements.get("userkit-menu") || customElements.define("userkit-menu", class extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("[popovertarget]")
    this.list = this.querySelector("[popover]")
    if (this.wired || !this.list.showPopover) return
    this.wired = true
    this.addEventListener("keydown", event => this.move(event))
    this.list.addEventListener("toggle", event => this.enter(event))
    this.list.addEventListener("click", event => this.choose(event))
    this.addEventListener("focusout", event => this.leave(event))
  }

  get items() {
    return Array.from(this.list.querySelectorAll(".userkit-menu__item"))
  }

  enter({ newState }) {
    if (newState === "open" && !this.list.contains(document.activeElement)) this.items[0]?.focus()
  }

  leave({ relatedTarget }) {
    if (relatedTarget && !this.contains(relatedTarget)) this.list.hidePopover()
  }

  choose(event) {
    const item = event.target.closest(".userkit-menu__item")
    if (item?.getAttribute("aria-disabled") === "true") event.preventDefault()
    else if (item) this.list.hidePopover()
  }

  move(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const next = this.goal(event.key, this.items)
    if (!next) return
    event.preventDefault()
    if (!this.list.matches(":popover-open")) this.list.showPopover({ source: this.button })
    next.focus()
  }

  // Where a key leads: from the button only the arrows lead anywhere.
  goal(key, items) {
    const at = items.indexOf(document.activeElement)
    if (key === "ArrowDown") return items[(at + 1) % items.length]
    if (key === "ArrowUp") return items.at(at < 0 ? -1 : at - 1)
    if (at < 0) return null
    if (key === "Home") return items[0]
    if (key === "End") return items.at(-1)
    if (key.length !== 1 || key === " ") return null
    const after = [...items.slice(at + 1), ...items.slice(0, at)]
    return after.find(item => item.textContent.trim().toLowerCase().startsWith(key.toLowerCase()))
  }
})
