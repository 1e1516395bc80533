import { GraphiQL } from 'graphiql';
import { useEffect, useState } from 'react';
import { SAMPLE_OPERATIONS, SAMPLE_VARIABLES } from '../../sample-operations.js';
import { useTheme } from '../shell/theme.js';
import { openFetcher } from './fetcher.js';

const QUERY = SAMPLE_OPERATIONS.slice(SAMPLE_OPERATIONS.indexOf('# Your endpoints'));
const VARIABLES = JSON.stringify(SAMPLE_VARIABLES, null, 2);

/** GraphiQL on this API, as whoever is signed in. */
export function Explorer({ credential }: { credential: string }) {
  const [opened, setOpened] = useState<ReturnType<typeof openFetcher> | null>(null);
  const theme = useTheme();
  useEffect(() => {
    const fetcher = openFetcher(credential);
    setOpened(fetcher);
    return () => fetcher.close();
  }, [credential]);
  if (!opened) return null;
  return (
    <main className="explorer">
      <h1 className="visually-hidden">API explorer</h1>
      <GraphiQL
        fetcher={opened.fetcher}
        defaultQuery={QUERY}
        initialVariables={VARIABLES}
        defaultEditorToolsVisibility="variables"
        isHeadersEditorEnabled={false}
        showPersistHeadersSettings={false}
        forcedTheme={theme}
      >
        <GraphiQL.Logo>
          <a href="/">Back to the dashboard</a>
        </GraphiQL.Logo>
      </GraphiQL>
    </main>
  );
}
