import { useChange } from '../api/change.js';
import { DisableEndpointDocument, EnableEndpointDocument } from '../documents.js';
import { Switch } from '../elements/choice.js';
import type { ShownEndpoint } from './use-endpoint.js';

/** Switching off loses nothing, so nobody is asked twice. */
export function EnabledSwitch({ endpoint: { id, status } }: { endpoint: ShownEndpoint }) {
  const enabling = useChange(EnableEndpointDocument);
  const disabling = useChange(DisableEndpointDocument);
  const trouble = enabling.trouble ?? disabling.trouble;
  return (
    <>
      <Switch
        isSelected={status !== 'DISABLED'}
        isDisabled={enabling.isUnderWay || disabling.isUnderWay}
        onChange={(isOn) => void (isOn ? enabling : disabling).change({ id })}
      >
        Enabled
      </Switch>
      {trouble && (
        <span role="alert" className="field__error">
          {trouble}
        </span>
      )}
    </>
  );
}
