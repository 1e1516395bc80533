import { useEffect, useRef } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { focusUnlessElsewhere } from '../elements/focus-back.js';

/** What it is called in the address. */
const NAME = 'delivery';

interface OpenDelivery {
  openId: string | null;
  /** The page that one is on, with that delivery open. */
  hrefOf: (delivery: { id: string }) => string;
  close: () => void;
}

/** Which delivery is open stands in the address, so that there are links to it. */
export function useOpenDelivery(): OpenDelivery {
  const [path] = useLocation();
  const [params, setParams] = useSearchParams();
  const openId = params.get(NAME);
  // Opened by a link, there is nothing that the focus could go back to by itself.
  const wasOpen = useRef(openId);
  useEffect(() => {
    const id = wasOpen.current;
    wasOpen.current = openId;
    if (openId || !id) return;
    focusUnlessElsewhere(() => document.querySelector<HTMLElement>(`[data-key="${CSS.escape(id)}"]`));
  }, [openId]);
  return {
    openId,
    hrefOf({ id }) {
      const opened = new URLSearchParams(params);
      opened.set(NAME, id);
      return `${path}?${opened}`;
    },
    close: () =>
      setParams((before) => {
        before.delete(NAME);
        return before;
      }),
  };
}
