/** Saves files from the page. */

/** How long the browser has to begin reading what it saves. */
const KEPT_MS = 60_000;

/** Hands a file to the browser, which saves it as it saves every download. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

/** A canvas as a picture file. */
export async function toPngFile(canvas: HTMLCanvasElement): Promise<Blob> {
  const blob = await new Promise<Blob | null>((done) => {
    canvas.toBlob(done, "image/png");
  });
  if (blob === null) {
    throw new Error("this browser cannot make a picture of this size");
  }
  return blob;
}
