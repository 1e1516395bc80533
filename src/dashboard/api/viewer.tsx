import { createContext, type ReactNode, useContext } from 'react';
import type { Viewer } from '../documents.js';

/** What credentials may allow, as far as it matters here. */
export type Scope =
  | 'endpoints:read'
  | 'endpoints:write'
  | 'deliveries:read'
  | 'deliveries:write'
  | 'events:read'
  | 'secrets:read';

const ViewerContext = createContext<Viewer['viewer'] | null>(null);

export function ViewerProvider({ viewer, children }: { viewer: Viewer['viewer']; children: ReactNode }) {
  return <ViewerContext value={viewer}>{children}</ViewerContext>;
}

export function useViewer(): Viewer['viewer'] {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error('Only within a ViewerProvider.');
  return viewer;
}

/** Whether the reader may: what they may not is neither asked for nor offered. */
export function useMay(scope: Scope): boolean {
  return useViewer().scopes.includes(scope);
}
