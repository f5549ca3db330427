/** Copies text from the page. */

/**
 * Copies a text; where the browser does not let us, it is selected to be copied by key.
 *
 * @param text The text.
 * @param shown The element that shows it.
 * @returns Whether it was copied.
 */
export async function copyText(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    // There is none where the page comes without TLS from another machine.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return document.execCommand?.("copy") ?? false;
  }
}
