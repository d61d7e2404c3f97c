using System.Buffers;
using System.Globalization;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Simulation;

/// <summary>Many requests to one node at once, about keys of no lock: windows and buffers fill, and wrap round.</summary>
internal sealed class Burst(World world, SimulatedClient client, BytePath path, SeededRandom random) : ReplyHandler
{
    private const int MostRequests = 80;
    private const int Keys = 4;
    private const double ReservedShare = 0.2;

    private long _sent;

    /// <summary>Sends again and again until everything heals.</summary>
    public void Start() => world.At(world.Now + random.Below(4 * world.Plan.ExpiryNanoseconds), () => client.Resume(() =>
    {
        if (world.IsOn(Fault.Bursts) && !client.IsDisposed)
        {
            Send();
            Start();
        }
    }));

    public override void OnReply(long tag, in RespReply reply)
    {
    }

    public override void OnFailure(long tag, RequestFailure failure)
    {
    }

    private void Send()
    {
        for (int count = 1 + random.Next(MostRequests); count > 0; count--)
        {
            _sent++;
            string key = string.Create(CultureInfo.InvariantCulture, $"other{random.Next(Keys)}");
            string value = string.Create(CultureInfo.InvariantCulture, $"{client.Name}-{path.Name}-{_sent}");
            string milliseconds = world.Plan.Expiry.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
            ArrayBufferWriter<byte> frame = new();
            RespWriter.WriteCommand(frame, "SET", key, value, "NX", "PX", milliseconds);
            path.Send(frame.WrittenSpan, new RespRequest
            {
                Handler = this,
                Tag = _sent,
                DeadlineTicks = client.Time.GetTimestamp() + 1 + random.Below(world.Plan.ExpiryNanoseconds),
                Priority = random.Chance(ReservedShare) ? RequestPriority.Reserved : RequestPriority.Ordinary,
                KeyHash = key[^1],
            });
        }
    }
}
