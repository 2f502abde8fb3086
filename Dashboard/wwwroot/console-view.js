/** Keeps a list that grows at its end scrolled to the end, unless its reader has scrolled away from it. */
const near = 40;

export function follow(list) {
  let isAtEnd = true;
  const toEnd = () => { list.scrollTop = list.scrollHeight; };
  const onScroll = () => { isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < near; };
  const observer = new MutationObserver(() => { if (isAtEnd) toEnd(); });
  // The list draws only what is in sight; the height of the rest is in the style of its spacers.
  observer.observe(list, { childList: true, subtree: true, attributes: true, attributeFilter: ['style'] });
  list.addEventListener('scroll', onScroll, { passive: true });
  toEnd();
  return {
    toEnd() { isAtEnd = true; toEnd(); },
    dispose() { observer.disconnect(); list.removeEventListener('scroll', onScroll); },
  };
}
