// <userkit-code-input>: six digits in, form sent.
// In: the input. "123 456" may be pasted, and digits of any script are taken.
// Where its form asks for more than the code, the form waits for its button.
// A form goes out once, so the sixth digit and the Enter key do not spend two attempts.

{
  const LENGTH = 6

  // Unicode keeps the decimal digits of a script in runs of ten, each from 0 to 9.
  const value = digit => {
    const point = digit.codePointAt(0)
    let zero = point
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
    return (point - zero) % 10
  }

  const asciiDigits = text => Array.from(text.matchAll(/\p{Nd}/gu), ([digit]) => value(digit)).join("")

  customElements.get("userkit-code-input") || customElements.define("userkit-code-input", class extends HTMLElement {
    connectedCallback() {
      this.input = this.querySelector("input")
      for (const name of ["input", "compositionend"]) this.input.addEventListener(name, event => this.tidy(event))
      this.input.form?.addEventListener("submit", event => this.sendOnce(event))
      addEventListener("pageshow", () => { this.sent = false })
      if (this.input.getAttribute("aria-invalid") === "true") this.selectOnFocus()
    }

    tidy(event) {
      if (event.isComposing) return
      const { value: typed, selectionStart } = this.input
      const code = asciiDigits(typed).slice(0, LENGTH)
      if (code !== typed) {
        const caret = asciiDigits(typed.slice(0, selectionStart)).length
        this.input.value = code
        this.input.setSelectionRange(caret, caret)
      }
      if (code.length === LENGTH && !event.inputType?.startsWith("delete") && this.isAlone()) this.input.form?.requestSubmit()
    }

    isAlone() {
      return Array.from(this.input.form?.elements ?? []).every(field => field === this.input || !field.required)
    }

    // What was refused is still there, and the first digit typed replaces it.
    selectOnFocus() {
      if (document.activeElement === this.input) this.input.select()
      else this.input.addEventListener("focus", () => this.input.select(), { once: true })
    }

    sendOnce(event) {
      if (this.sent) event.preventDefault()
      this.sent = true
    }
  })
}
