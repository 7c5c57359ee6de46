// <userkit-avatar-upload>: sends a picture as soon as it is chosen or dropped, shows it at once and how
// far it has come, and puts the answer in its own place, so that a name that is being typed stays.
// In: the forms that work without it. It needs XMLHttpRequest, since fetch() does not tell of an upload.

customElements.get("userkit-avatar-upload") || customElements.define("userkit-avatar-upload", class extends HTMLElement {
  connectedCallback() {
    for (const type of ["change", "submit", "dragover", "dragleave", "drop"]) this.addEventListener(type, this)
  }

  handleEvent(event) {
    this[event.type](event)
  }

  change(event) {
    const [file] = event.target.files
    if (file) this.upload(file)
  }

  submit(event) {
    event.preventDefault()
    this.send(event.target, new FormData(event.target))
  }

  dragover(event) {
    if (!event.dataTransfer.types.includes("Files")) return
    event.preventDefault()
    this.dataset.dropping = ""
  }

  dragleave(event) {
    if (!this.contains(event.relatedTarget)) delete this.dataset.dropping
  }

  drop(event) {
    event.preventDefault()
    delete this.dataset.dropping
    const [file] = event.dataTransfer.files
    if (file) this.upload(file)
  }

  upload(file) {
    if ("busy" in this.dataset) return
    if (file.size > Number(this.dataset.maxSize)) return this.refuse(this.dataset.tooLarge)
    const form = this.input.form
    const data = new FormData(form)
    data.set(this.input.name, file)
    this.send(form, data)
    this.preview(file)
  }

  send(form, data) {
    if ("busy" in this.dataset) return
    this.dataset.busy = ""
    const request = new XMLHttpRequest()
    request.upload.addEventListener("progress", ({ loaded, total }) => { this.progress.value = loaded / total })
    // All of it is there, and the server is at work: how long that takes is not known.
    request.upload.addEventListener("load", () => this.progress.removeAttribute("value"))
    request.addEventListener("loadend", () => this.finish(request))
    request.open("POST", form.action)
    request.setRequestHeader("HX-Request", "true")
    request.setRequestHeader("HX-Current-URL", location.href)
    request.send(data)
  }

  // A file never becomes an address here: the policy of the page takes pictures from the site alone.
  async preview(file) {
    const bitmap = await createImageBitmap(file).catch(() => null)
    if (!bitmap || !("busy" in this.dataset)) return
    const canvas = document.createElement("canvas")
    const { width, height } = bitmap
    const side = Math.min(width, height)
    canvas.className = "userkit-picture__canvas"
    canvas.width = canvas.height = 128
    canvas.getContext("2d").drawImage(bitmap, (width - side) / 2, (height - side) / 2, side, side, 0, 0, 128, 128)
    bitmap.close()
    this.querySelector(".userkit-picture__preview").append(canvas)
  }

  async finish(request) {
    const page = request.getResponseHeader("HX-Redirect")
    if (page) return location.assign(page)
    const answer = new DOMParser().parseFromString(request.responseText, "text/html")
    const made = answer.getElementById(this.id)
    if (!made) return this.refuse(this.dataset.failed)
    await this.fetchPicture(made)
    // The section may have been swapped while this was on its way, or the card closed.
    const place = document.getElementById(this.id)
    const focused = place?.contains(document.activeElement)
    place?.replaceWith(made)
    if (place && (focused || made.querySelector("[aria-invalid]"))) made.input.focus()
    for (const part of answer.querySelectorAll("[hx-swap-oob]")) {
      const [, where] = part.getAttribute("hx-swap-oob").split("innerHTML:")
      for (const target of document.querySelectorAll(where)) target.replaceChildren(...part.cloneNode(true).childNodes)
    }
    const events = JSON.parse(request.getResponseHeader("HX-Trigger") ?? "{}")
    for (const name of Object.keys(events)) (place ? made : document).dispatchEvent(new CustomEvent(name, { bubbles: true }))
  }

  // The preview stays until the picture is there, so that no initials flash up between them.
  async fetchPicture(made) {
    const source = made.querySelector("img")?.getAttribute("src")
    if (!source) return
    const image = new Image()
    image.src = source
    await image.decode().catch(() => null)
  }

  refuse(message) {
    delete this.dataset.busy
    this.querySelector(".userkit-picture__canvas")?.remove()
    this.querySelector(".userkit-status")?.remove()
    const template = this.querySelector("template")
    template?.replaceWith(template.content)
    const error = this.querySelector(".userkit-field__error")
    error.querySelector("span").textContent = message
    this.input.value = ""
    this.input.setAttribute("aria-invalid", "true")
    this.input.setAttribute("aria-describedby", error.id)
    this.input.focus()
  }

  get input() {
    return this.querySelector("input[type=file]")
  }

  get progress() {
    return this.querySelector("progress")
  }
})
