/** An endpoint among those of all accounts. */
export interface EndpointKey {
  accountId: string;
  endpointId: string;
}
