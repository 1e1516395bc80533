import { registerEnumType } from 'type-graphql';

/** What a message of a subscription says. */
export enum UpdateKind {
  /** Always first: from here on, nothing is missed. */
  READY = 'READY',
  UPDATED = 'UPDATED',
  DELETED = 'DELETED',
  /** Too much was missed to tell it all: read everything again, then go on. */
  RESYNC_REQUIRED = 'RESYNC_REQUIRED',
}

registerEnumType(UpdateKind, {
  name: 'UpdateKind',
  description: 'What a message of a subscription says.',
  valuesConfig: {
    READY: { description: 'Always first: from here on, nothing is missed.' },
    UPDATED: { description: 'Something changed; this is how it is now.' },
    DELETED: { description: 'Endpoints only: `deletedEndpointId` is gone.' },
    RESYNC_REQUIRED: { description: 'Too far behind to replay: query again, then go on.' },
  },
});
