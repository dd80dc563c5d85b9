// The package for its tests: they call it with whatever a caller in JavaScript may give it, so its values take anything. Its
// types are tested by tests/types.

import * as flowdock from "../../pkg-template/index.js";

export * from "../../pkg-template/index.js";
export const activity: any;
export const authenticationChallenge: any;
export const chatMessage: any;
export const checkBody: any;
export const checkTitle: any;
export const Client: any;
export type Client = flowdock.Client;
export const discussion: any;
export const encode: any;
export const escapeHtml: any;
export const FlowdockApi: any;
export type FlowdockApi = flowdock.FlowdockApi;
export const FlowdockError: any;
export type FlowdockError = flowdock.FlowdockError;
export const html: any;
export const messageSchema: any;
export const OAuth: any;
export type OAuth = flowdock.OAuth;
export const prepare: any;
export const readConfigurationUri: any;
export const readSetupUri: any;
export const sanitizeBody: any;
export const sanitizeTitle: any;
export const thread: any;
export const validate: any;
export const validateJson: any;
export const verifyAction: any;
