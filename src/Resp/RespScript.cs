using System.Security.Cryptography;
using System.Text;

namespace Redlock.Fast.Resp;

/// <summary>A Lua script that a node runs by its digest (EVALSHA), with its text at hand for when the node has forgotten it.</summary>
public sealed class RespScript
{
    private const int DigestCharacters = 40;

    private readonly byte[] _evalHead;
    private readonly byte[] _loadFrame;

    /// <summary>Prepares a script.</summary>
    /// <param name="text">The Lua source, sent as UTF-8.</param>
    public RespScript(string text)
        : this(text, DigestOf(text))
    {
    }

    /// <summary>
    /// Prepares a script whose digest is known, which saves a process that starts the loading of a cryptographic library.
    /// </summary>
    /// <param name="text">The Lua source, sent as UTF-8.</param>
    /// <param name="sha1">
    /// The SHA-1 of the source: 40 lower-case hexadecimal digits. It is not compared with the text: with a wrong one a node that loads the
    /// script in its handshake never connects, and says so in <see cref="RespNode.LastError"/>.
    /// </param>
    public RespScript(string text, string sha1)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentNullException.ThrowIfNull(sha1);
        if (!IsDigest(sha1))
        {
            throw new ArgumentException($"A digest is {DigestCharacters} lower-case hexadecimal digits.", nameof(sha1));
        }

        Text = text;
        Sha1 = sha1;
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        EvalShaHead = Encoding.ASCII.GetBytes($"$7\r\nEVALSHA\r\n$40\r\n{Sha1}\r\n");
        byte[] textString = [.. Encoding.ASCII.GetBytes($"${utf8.Length}\r\n"), .. utf8, .. "\r\n"u8];
        _evalHead = [.. "$4\r\nEVAL\r\n"u8, .. textString];
        _loadFrame = [.. "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n"u8, .. textString];
    }

    /// <summary>The Lua source.</summary>
    public string Text { get; }

    /// <summary>The digest that names the script on a server: 40 lower-case hexadecimal digits.</summary>
    public string Sha1 { get; }

    /// <summary>What is done where a server runs no scripts; <c>null</c>: the call is refused there.</summary>
    public RespScriptSubstitute? Substitute { get; init; }

    /// <summary>The first two bulk strings of a frame that runs this script: write them right behind the array header.</summary>
    internal byte[] EvalShaHead { get; }

    /// <summary>What stands in the place of <see cref="EvalShaHead"/> when the text has to be sent.</summary>
    internal ReadOnlySpan<byte> EvalHead => _evalHead;

    /// <summary>The whole frame that loads it.</summary>
    internal ReadOnlySpan<byte> LoadFrame => _loadFrame;

    /// <summary>The digest.</summary>
    public override string ToString() => Sha1;

    private static bool IsDigest(string text)
    {
        foreach (char digit in text)
        {
            if (!char.IsAsciiHexDigitLower(digit))
            {
                return false;
            }
        }

        return text.Length == DigestCharacters;
    }

    private static string DigestOf(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);

        // The protocol itself names scripts by SHA-1; nothing here relies on it for security.
#pragma warning disable CA5350
        return Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }
}
