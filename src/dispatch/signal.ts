export { Signal } from '../signal.js';
