import type { RTCDataChannel } from 'werift';

/** The types of empty messages (RFC 8831), which carry one byte that does not count. */
const [emptyText, emptyBinary] = [56, 57];

/** Sends on a channel; dropped when it is not open. */
export function sendData(channel: RTCDataChannel, data: string | Buffer): void {
  if (channel.readyState !== 'open') return;
  if (data.length > 0) return channel.send(data);
  // The library would send no byte at all, which ends the connection's data for good.
  const { sctp } = channel;
  channel.addBufferedAmount(1);
  sctp['dataChannelQueue'].push([
    channel,
    typeof data === 'string' ? emptyText : emptyBinary,
    Buffer.alloc(1),
  ]);
  sctp['dataChannelFlush']();
}
