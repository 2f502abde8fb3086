/** Copies a text, and says so on the button that was pressed. */
export async function copy(text, button) {
  const label = (button.dataset.label ??= button.textContent);
  button.textContent = (await write(text)) ? 'Copied' : 'Not allowed';
  clearTimeout(button.copied);
  button.copied = setTimeout(() => {
    button.textContent = label;
  }, 2000);
}

/** The clipboard's own interface needs HTTPS or localhost. */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'unseen';
    const focused = document.activeElement;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand('copy');
    field.remove();
    focused?.focus();
    return isCopied;
  }
}
