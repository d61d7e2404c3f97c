using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Resp;

/// <summary>
/// Tells hosts that systems read as a number: <c>6379</c> is the address 0.0.24.235 to them, and <c>010.0.0.1</c> is 8.0.0.1.
/// </summary>
internal static class HostNumber
{
    /// <returns>What is wrong, or nothing.</returns>
    public static string ProblemOf(ReadOnlySpan<char> host)
    {
        if (!host.ContainsAnyExceptInRange('0', '9'))
        {
            return "The host is only a number: a port stands behind its host, as in localhost:6379.";
        }

        return IPAddress.TryParse(host, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetwork
            && !host.SequenceEqual(address.ToString())
            ? "The host is an IPv4 address in an odd spelling: write four numbers from 0 to 255, without leading zeros."
            : "";
    }
}
