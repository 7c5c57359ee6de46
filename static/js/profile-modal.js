// Opens the profile over the page, where a link [data-userkit-modal] would lead to it. The address keeps the
// place, so that a reload, the way back from sign-in and the browser's own Back find it again.
// What the profile needs besides markup comes with the first answer; the page of the button loads none of it.

const PLACE = "userkit-profile"
const NOTICE = "saved"
const FIRST = "account"
const LINKS = "a[data-userkit-modal], .userkit-dialog--profile a[data-userkit-page]"

// `shown` is the page that is in the dialog, `asked` counts what was asked for: an answer that comes late is dropped.
let dialog, opener, shown, isOwnStep
let asked = 0

// Until then an app's own htmx may be on its way, and the kit's must not come beside it.
const ready = new Promise(done => {
  if (document.readyState === "complete") return done()
  document.addEventListener("DOMContentLoaded", done)
  addEventListener("load", done)
})

const here = () => new URL(location.href)
const anyLink = () => document.querySelector("a[data-userkit-modal]")
const pageOf = link => new URL(link.href).pathname.split("/").at(-1) || FIRST

// Twice on one page, its sections and their ids would be each other's.
const isInPage = () => document.querySelector(".userkit-profile:not(.userkit-dialog--profile *)")

// The name may come from the address of the page, and so be anybody's idea: it is the last part of an address, or none.
const addressOf = page => {
  if (!/^(?!\.+$)[\w.~-]+$/.test(page)) throw new RangeError(page)
  return new URL(page === FIRST ? "." : page, anyLink().href)
}

const openerOf = link => {
  const popover = link?.closest("[popover]")
  return popover ? document.querySelector(`[popovertarget="${CSS.escape(popover.id)}"]`) : link
}

const isPlainClick = event =>
  !event.defaultPrevented && event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)

document.addEventListener("click", event => {
  const link = event.target.closest?.(LINKS)
  if (!link || !isPlainClick(event) || isInPage()) return
  event.preventDefault()
  follow(link)
})

addEventListener("popstate", () => sync())

const follow = async link => {
  const page = pageOf(link)
  link.setAttribute("aria-busy", "true")
  try {
    if (!await show(page)) return
  } catch {
    return location.assign(link.href)
  } finally {
    link.removeAttribute("aria-busy")
  }
  opener ??= openerOf(link)
  link.closest("[popover]")?.hidePopover()
  keepPlace(page)
}

// One step of the history holds all of it: Back closes the profile, wherever one has gone in it.
const keepPlace = page => {
  const url = here()
  const isIn = url.searchParams.has(PLACE)
  url.searchParams.set(PLACE, page)
  if (isIn) return history.replaceState(history.state, "", url)
  history.pushState({ userkitProfile: true }, "", url)
  // htmx writes a state of its own over this one.
  isOwnStep = true
}

const leavePlace = control => {
  if (!here().searchParams.has(PLACE)) return
  if (!isOwnStep && !history.state?.userkitProfile) return forgetPlace()
  addEventListener("popstate", () => giveFocus(control), { once: true })
  history.back()
}

const forgetPlace = () => forget(PLACE)

const forget = name => {
  const url = here()
  url.searchParams.delete(name)
  history.replaceState(history.state, "", url)
}

// What a provider led back with is said once: a reload would say it again.
const takeNotice = () => {
  const notice = here().searchParams.get(NOTICE)
  if (notice) forget(NOTICE)
  return notice
}

const isOpen = () => dialog?.isConnected && dialog.open

// Follows the address: what it names and nobody finds is taken out of it.
const sync = async () => {
  const page = here().searchParams.get(PLACE)
  if (!page || !anyLink() || isInPage()) return close()
  if (isOpen() && page === shown) return
  try {
    await show(page, takeNotice())
  } catch {
    forgetPlace()
  }
}

// Tells whether it is shown; the server may lead elsewhere, and somebody may have gone elsewhere meanwhile.
const show = async (page, notice) => {
  const mine = ++asked
  const url = addressOf(page)
  if (notice) url.searchParams.set(NOTICE, notice)
  const place = here()
  place.searchParams.set(PLACE, page)
  const headers = { "HX-Request": "true", "HX-Current-URL": place.href, "Userkit-Modal": "true" }
  const answer = await fetch(url, { headers, redirect: "manual" })
  if (mine !== asked) return false
  const elsewhere = answer.headers.get("HX-Redirect")
  if (elsewhere) return void location.assign(elsewhere)
  if (!answer.ok) throw answer
  const found = new DOMParser().parseFromString(await answer.text(), "text/html")
  const content = found.querySelector(".userkit-dialog__profile")
  await ready
  await Promise.all(bring(found.querySelector("template[data-userkit-head]").content))
  if (mine !== asked) return false
  fill(content)
  shown = page
  return true
}

// Whatever of the head the page does not have yet; an app's own htmx stays the only one.
const bring = head => [...head.querySelectorAll("link, script")].flatMap(found => {
  const [name, isHtmx] = found.localName === "link" ? ["href", false] : ["src", /\/htmx[^/]*$/.test(found.src)]
  const value = found.getAttribute(name)
  if (document.querySelector(`${found.localName}[${name}="${CSS.escape(value)}"]`) || (isHtmx && window.htmx)) return []
  const element = document.createElement(found.localName)
  for (const { name, value } of found.attributes) element.setAttribute(name, value)
  element.async = false
  return [new Promise((loaded, failed) => {
    element.onload = loaded
    element.onerror = failed
    document.head.append(element)
  })]
})

const fill = content => {
  if (!dialog?.isConnected) dialog = make()
  dialog.setAttribute("aria-label", content.dataset.label)
  dialog.replaceChildren(document.adoptNode(content))
  window.htmx?.process(dialog)
  if (!dialog.open) dialog.showModal()
  const wanted = dialog.querySelector("[autofocus]") ?? dialog
  wanted.focus()
}

const make = () => {
  const made = document.createElement("dialog")
  made.className = "userkit-dialog userkit-dialog--profile"
  made.tabIndex = -1
  made.setAttribute("closedby", "any")
  made.setAttribute("hx-history", "false")
  made.addEventListener("close", closed)
  made.addEventListener("click", event => {
    const isBeside = event.target === made && !("closedBy" in made)
    if (isBeside || event.target.closest("[data-userkit-close]")) return close()
    // A field that an error leads to is no place in the history of the page.
    const field = event.target.closest("a[href^='#']")?.hash.slice(1)
    if (!field) return
    event.preventDefault()
    document.getElementById(field)?.focus()
  })
  document.body.append(made)
  return made
}

const close = () => {
  asked++
  dialog?.close()
}

const closed = () => {
  asked++
  shown = undefined
  dialog.replaceChildren()
  const control = opener ?? openerOf(anyLink())
  giveFocus(control)
  leavePlace(control)
  opener = undefined
  isOwnStep = false
}

// A browser takes the focus away at the end of a step in the history that htmx answers.
const giveFocus = async control => {
  await window.navigation?.transition?.finished.catch(() => {})
  control?.focus()
}

sync()
