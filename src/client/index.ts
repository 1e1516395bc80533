/** For programs that use the API, in Node and in browsers. Whatever is not imported is left out of a bundle. */
export * from './documents.js';
export { follow } from './follow.js';
export { type PublishedEvent, type PublishOptions, publish } from './publish.js';
export { type Connection, request, type UserError, WebhooksError } from './request.js';
export { type LiveResult, subscribeResuming } from './resume.js';
