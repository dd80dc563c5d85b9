// The outbox for its tests, which pass invalid values too.

export const deliver: any;
export const durableObjectOutbox: any;
export const idbOutbox: any;
export const Outbox: any;
export const postgresOutbox: any;
export const postgresOutboxSchema: any;
export const sqlOutbox: any;
export const wake: any;
