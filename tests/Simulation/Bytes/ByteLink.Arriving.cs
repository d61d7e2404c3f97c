using System.Buffers;

namespace Redlock.Fast.Simulation;

// How bytes travel, arrive and are read, and what befalls them.
internal sealed partial class ByteLink
{
    private void ArriveAtNode(byte[] bytes)
    {
        _isLost |= IsMute || (IsOver && _random.Chance(0.4));
        if (!_isLost)
        {
            _session.Receive(bytes);
        }
    }

    private void ArriveAtClient(byte[] bytes)
    {
        if (IsMute || IsOver)
        {
            return;
        }

        _arrived.Write(bytes);
        if (_isEager)
        {
            Read();
        }
        else
        {
            Client.Post(World.Now, Read);
        }
    }

    private void Read()
    {
        int count = _arrived.WrittenCount - _arrivedRead;
        if (_isInboundOver || IsOver || (count == 0 && !_hasEndArrived))
        {
            return;
        }

        if (World.IsOn(Fault.Pieces) && count > 1 && _random.Chance(0.5))
        {
            count = 1 + (int)_random.Below(count);
            Client.Post(World.Now + Client.Hop(), Read);
        }

        _inbound.Writer.Write(_arrived.WrittenSpan.Slice(_arrivedRead, count));
        _arrivedRead += count;
        ReadableBytes += count;
        LastRead = World.Now;
        if (_arrivedRead == _arrived.WrittenCount)
        {
            _arrived.ResetWrittenCount();
            _arrivedRead = 0;
        }

        // The reader goes on in here.
        _inbound.Writer.FlushAsync().AsTask().GetAwaiter().GetResult();
        if (_hasEndArrived && _arrived.WrittenCount == 0)
        {
            EndInbound(null);
        }
    }

    private void EndInbound(Exception? failure)
    {
        if (!_isInboundOver)
        {
            _isInboundOver = true;
            _inbound.Writer.Complete(failure);
        }
    }

    private void StrikeSometimes()
    {
        if (World.IsOn(Log.HasSubscribed ? Fault.SubscriberResets : Fault.Resets) && _random.Chance(0.02))
        {
            World.At(World.Now + _random.Below(Latency() * 3), () => Break("connection reset"));
        }

        if (World.IsOn(Fault.Silence) && _random.Chance(0.01))
        {
            Mute();
        }

        if (World.IsOn(Fault.Lossy) && _random.Chance(0.02))
        {
            World.Note(Client.Name, "link stalls", Name);
            _stalledUntil = World.Now + _random.Below(World.Plan.ExpiryNanoseconds);
            if (_random.Chance(0.5))
            {
                World.At(_stalledUntil, () => Break("connection timed out"));
            }
        }
    }

    private List<byte[]> Pieces(ReadOnlySpan<byte> bytes)
    {
        List<byte[]> pieces = [];
        while (World.IsOn(Fault.Pieces) && bytes.Length > 1 && _random.Chance(0.5))
        {
            int cut = 1 + (int)_random.Below(bytes.Length - 1);
            pieces.Add(bytes[..cut].ToArray());
            bytes = bytes[cut..];
        }

        pieces.Add(bytes.ToArray());
        return pieces;
    }

    private long NextArrival(long last) => Math.Max(last, Math.Max(World.Now, _stalledUntil) + Latency());

    private long Latency()
    {
        long usual = World.Plan.Latency;
        return World.IsOn(Fault.Latency) && _random.Chance(0.02)
            ? usual + _random.Below((long)(1.2 * World.Plan.ExpiryNanoseconds))
            : (usual / 2) + _random.Below(usual);
    }
}
