// The error that a peer's `encode` throws for an invalid message. Any other exception is a fault in the peer.

export class InvalidMessage extends Error {
  code = "invalid_message";
}
