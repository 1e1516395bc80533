import { useChange } from '../api/change.js';
import { DisableEndpointDocument, EnableEndpointDocument } from '../documents.js';
import { Switch } from '../elements/choice.js';
import type { ShownEndpoint } from './use-endpoint.js';

/** Switching off loses nothing, so nobody is asked twice. */
export function EnabledSwitch({
  endpoint: { id, status },
  onGone,
}: {
  endpoint: ShownEndpoint;
  /** Called when the service says that there is none. */
  onGone: () => void;
}) {
  const enabling = useChange(EnableEndpointDocument);
  const disabling = useChange(DisableEndpointDocument);
  const set = async (isOn: boolean) => {
    const data = isOn ? await enabling.change({ id }) : await disabling.change({ id });
    if (data && Object.values(data)[0]!.endpoint === null) onGone();
  };
  const trouble = enabling.trouble ?? disabling.trouble;
  return (
    <>
      <Switch
        isSelected={status !== 'DISABLED'}
        isDisabled={enabling.isUnderWay || disabling.isUnderWay}
        onChange={(isOn) => void set(isOn)}
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
