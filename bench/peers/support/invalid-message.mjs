// What a peer's `encode` throws for a message that breaks a rule; any other exception is a mistake in the peer.

export class InvalidMessage extends Error {
  code = "invalid_message";
}
