/** Types of shared-source.js; put them beside it. */

/** A source that all tabs of the origin share where the browser can, else an `EventSource`: for the option `createSource`. */
export function createSharedSource(address: string): EventTarget & { readonly readyState: number; close(): void };
