using System.Globalization;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>
/// The one place where what a node sent becomes text for people: printable, one line, and without the password it was sent.
/// </summary>
/// <remarks>Nothing here runs unless there is something to complain of.</remarks>
/// <param name="password">What must not be shown, or <c>null</c>.</param>
internal sealed class ServerText(string? password)
{
    // A node repeats what it was sent lately, if at all. So many are, a refusal each, in a quarter of an hour of refusals at the longest
    // pause between two; a token takes two KiB or so.
    private const int MostSecrets = 32;

    /// <summary>How much of it is quoted byte for byte: enough to recognise an HTTP status line.</summary>
    public const int MostQuoted = 48;

    // One line of a log.
    private const int MostBytes = 200;

    private const string Mask = "***";

    private readonly Gate _gate = new();

    // The latest first.
    private NodeSecret[] _secrets = password is null ? [] : [new NodeSecret(password)];

    /// <summary>For a node that was told no secret.</summary>
    public static ServerText OfNoSecret { get; } = new(password: null);

    /// <summary>From now on a password, which the node is about to be sent, must not be shown either.</summary>
    public void Hide(string another)
    {
        using (_gate.Enter())
        {
            List<NodeSecret> secrets = [new NodeSecret(another)];
            foreach (NodeSecret known in _secrets)
            {
                if (secrets.Count < MostSecrets && !known.IsOf(another))
                {
                    secrets.Add(known);
                }
            }

            Volatile.Write(ref _secrets, secrets.ToArray());
        }
    }

    /// <summary>The code of an error, if it is one of Redis' own.</summary>
    public static string Code(in RespReply error) => ErrorCode.Of(error) ?? "an error";

    /// <summary>What kind of reply it is, with an error's code, and nothing of its own words.</summary>
    public static string Kind(in RespReply reply) => reply.Type == RespType.Error ? $"Error {Code(reply)}" : reply.Type.ToString();

    /// <summary>Bytes between quotation marks: printable ASCII as it is, all else escaped, cut after a few words.</summary>
    /// <param name="text">What they are appended to.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="omitted">How many more there were.</param>
    public static void AppendQuoted(StringBuilder text, ReadOnlySpan<byte> bytes, int omitted = 0)
    {
        text.Append('"');
        foreach (byte value in bytes[..Math.Min(bytes.Length, MostQuoted)])
        {
            _ = value switch
            {
                (byte)'\r' => text.Append(@"\r"),
                (byte)'\n' => text.Append(@"\n"),
                (byte)'\t' => text.Append(@"\t"),
                (byte)'"' => text.Append("\\\""),
                (byte)'\\' => text.Append(@"\\"),
                >= 0x20 and < 0x7f => text.Append((char)value),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}"),
            };
        }

        text.Append('"');
        omitted += Math.Max(0, bytes.Length - MostQuoted);
        if (omitted > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" and {omitted} bytes more");
        }
    }

    /// <summary>Why what came is not RESP2, and how it began if no secret was sent before it.</summary>
    public string Describe(RespFault fault)
    {
        // Something that is not Redis may repeat what it was sent, in a spelling of its own, and what it was sent first is the password.
        if (Volatile.Read(ref _secrets).Length > 0)
        {
            return $"{fault.Sentence} (not shown, as it may repeat the password).";
        }

        StringBuilder text = new(fault.Sentence);
        AppendQuoted(text.Append(' '), fault.Start, fault.Omitted);
        return text.ToString();
    }

    /// <summary>The beginning of what came, with <c>?</c> for all that is not printable ASCII.</summary>
    public string Excerpt(ReadOnlySpan<byte> received)
    {
        StringBuilder text = new();
        int hiddenUntil = 0;

        // Looked for in the whole, so that a password which the cut divides is found as well.
        for (int at = 0; at < Math.Min(received.Length, MostBytes); at++)
        {
            if (IsVisible(received, at, ref hiddenUntil, out bool isHiddenFromHere))
            {
                text.Append(received[at] is >= 0x20 and < 0x7F ? (char)received[at] : '?');
            }
            else if (isHiddenFromHere)
            {
                text.Append(Mask);
            }
        }

        return text.Append(received.Length > MostBytes ? "..." : string.Empty).ToString();
    }

    /// <summary>A message of somebody else's, such as an exception's, that may quote the node: on one line.</summary>
    public string Line(string message) => PrintableText.Of(Volatile.Read(ref _secrets).Length > 0 ? Strip(message) : message);

    private string Strip(string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        List<byte> kept = new(bytes.Length);
        int hiddenUntil = 0;
        for (int at = 0; at < bytes.Length; at++)
        {
            if (IsVisible(bytes, at, ref hiddenUntil, out bool isHiddenFromHere))
            {
                kept.Add(bytes[at]);
            }
            else if (isHiddenFromHere)
            {
                kept.AddRange(Encoding.UTF8.GetBytes(Mask));
            }
        }

        return Encoding.UTF8.GetString([.. kept]);
    }

    private bool IsVisible(ReadOnlySpan<byte> text, int at, ref int hiddenUntil, out bool isHiddenFromHere)
    {
        // Places that are hidden already are looked at too: a password may begin within what only looked like one.
        int end = at;
        foreach (NodeSecret secret in Volatile.Read(ref _secrets))
        {
            end = Math.Max(end, at + secret.Find(text[at..]));
        }

        isHiddenFromHere = end > at && at >= hiddenUntil;
        hiddenUntil = Math.Max(hiddenUntil, end);
        return at >= hiddenUntil;
    }
}
