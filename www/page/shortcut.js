// The keys that send what is written.

export const shortcut = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? "⌘↵" : "Ctrl+Enter";
