interface HeaderListProps {
  label: string;
  headers: readonly { name: string; value: string; secret: boolean }[];
}

/** The headers of a request or a response, folded away. */
export function HeaderList({ label, headers }: HeaderListProps) {
  if (headers.length === 0) return null;
  return (
    <details className="headers">
      <summary>
        {label} <span className="faint">{headers.length}</span>
      </summary>
      <dl className="headers__list">
        {headers.map(({ name, value, secret }, index) => (
          // A name may come more than once.
          <div key={index} className="headers__pair">
            <dt>{name}</dt>
            <dd>{secret ? <span className="faint">Hidden, for it is secret</span> : value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
