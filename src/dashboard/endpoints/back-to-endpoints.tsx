import { Link } from 'wouter';

/** Where the pages of endpoints belong. */
export function BackToEndpoints() {
  return (
    <nav aria-label="Above this page">
      <Link href="/endpoints">Endpoints</Link>
    </nav>
  );
}
