import './endpoints.css';
import { useMemo, useState } from 'react';
import { useApiQuery } from '../api/query.js';
import { useMay } from '../api/viewer.js';
import { EventTypesDocument } from '../documents.js';
import { LinkButton } from '../elements/button.js';
import { Select } from '../elements/choice.js';
import { SearchField } from '../elements/field.js';
import { Alert, EmptyState } from '../elements/message.js';
import { Table } from '../elements/table.js';
import { Page } from '../shell/page.js';
import { useMayTest } from '../test-events/send-test-event.js';
import { TestEventDialog } from '../test-events/test-event-dialog.js';
import { ENDPOINT_COLUMNS, type EndpointRow, testColumn } from './endpoint-columns.js';
import { type EndpointSelection, STATUSES, useEndpointSelection } from './endpoint-selection.js';
import { useLiveEndpoints } from './live-endpoints.js';

const EVERY_TYPE = { value: '', label: 'Any event' };

/** Every endpoint of the account: which of them are well, and which need somebody. */
export function EndpointsPage() {
  const [selection, select] = useEndpointSelection();
  const { list, trouble, isLoading, loadMore, reload } = useLiveEndpoints(selection);
  const [tested, setTested] = useState<EndpointRow | null>(null);
  const mayTest = useMayTest();
  const columns = useMemo(() => [...ENDPOINT_COLUMNS, ...(mayTest ? [testColumn(setTested)] : [])], [mayTest]);
  const mayAdd = useMay('endpoints:write');
  const add = mayAdd && (
    <LinkButton look="primary" icon="add" href="/endpoints/new">
      Add endpoint
    </LinkButton>
  );
  return (
    <Page title="Endpoints" actions={add}>
      <div className="endpoints__tools">
        <SelectionTools selection={selection} select={select} />
        <span role="status" className="endpoints__count quiet">
          {list && describeCount(list.totalCount ?? 0)}
        </span>
      </div>
      {trouble && (
        <div className="page__section">
          <Alert onRetry={reload}>{trouble}</Alert>
        </div>
      )}
      {list && list.nodes.length > 0 && (
        <Table<EndpointRow>
          label="Endpoints"
          className="endpoints"
          columns={columns}
          rows={list.nodes}
          keyOf={({ id }) => id}
          hrefOf={({ id }) => `/endpoints/${id}`}
          totalCount={list.totalCount}
          onNearEnd={loadMore}
        />
      )}
      {tested && <TestEventDialog endpoint={tested} onClose={() => setTested(null)} />}
      {list?.nodes.length === 0 && !isLoading && <NoEndpoints selection={selection} add={add} />}
    </Page>
  );
}

interface ToolsProps {
  selection: EndpointSelection;
  select: (change: Partial<EndpointSelection>) => void;
}

function SelectionTools({ selection: { search, status, eventType }, select }: ToolsProps) {
  const types = useApiQuery(EventTypesDocument, {}).data?.eventTypes ?? [];
  return (
    <>
      <SearchField
        label="Search endpoints"
        placeholder="Search URL or description"
        value={search}
        onChange={(text) => select({ search: text })}
      />
      <Select
        label="Status"
        isLabelHidden
        options={STATUSES}
        value={status}
        onChange={(chosen) => select({ status: chosen })}
      />
      <Select
        label="Event"
        isLabelHidden
        options={[EVERY_TYPE, ...types.map(({ name }) => ({ value: name, label: name }))]}
        value={eventType}
        onChange={(chosen) => select({ eventType: chosen })}
      />
    </>
  );
}

function NoEndpoints({ selection, add }: { selection: EndpointSelection; add: React.ReactNode }) {
  if (selection.search || selection.status || selection.eventType) {
    return (
      <EmptyState title="No endpoint matches" action={<LinkButton href="/endpoints">Show all</LinkButton>}>
        Search for part of a URL or a description, or choose another status or event.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No endpoints yet" action={add}>
      An endpoint is a URL of yours that is told what happens, signed and with retries. Add one, and send it a test
      event.
    </EmptyState>
  );
}

function describeCount(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'endpoint' : 'endpoints'}`;
}
