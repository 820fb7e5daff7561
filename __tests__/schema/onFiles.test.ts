import './onAnyStore.js';
