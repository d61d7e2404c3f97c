using System.Buffers.Text;
using System.Diagnostics;

namespace Redlock.Fast.Resp;

/// <summary>What a frame that runs a script gives it.</summary>
/// <remarks>The frame is one that this process wrote: array header, EVALSHA, digest, the number of keys, keys, arguments.</remarks>
internal readonly ref struct ScriptCall
{
    private const int BeforeKeys = 3;

    private readonly ReadOnlySpan<byte> _words;
    private readonly int _count;
    private readonly int _keys;

    public ScriptCall(ReadOnlySpan<byte> frame)
    {
        int header = Next(frame, out RespReply array);
        _count = array.Count;
        _words = frame[header..];
        bool isNumber = Utf8Parser.TryParse(Word(BeforeKeys - 1), out _keys, out _);
        Debug.Assert(isNumber && _keys >= 0 && BeforeKeys + _keys <= _count, "the keys stand where their number says");
    }

    public bool HasKey => _keys > 0;

    /// <summary>KEYS[1].</summary>
    public ReadOnlySpan<byte> Key => Word(BeforeKeys);

    /// <summary>ARGV[number]; empty if there are not so many.</summary>
    public ReadOnlySpan<byte> Argument(int number) => Word(BeforeKeys + _keys + number - 1);

    private ReadOnlySpan<byte> Word(int place)
    {
        if (place >= _count)
        {
            return default;
        }

        int at = 0;
        for (; place > 0; place--)
        {
            at += Next(_words[at..], out _);
        }

        Next(_words[at..], out RespReply word);
        return word.Bytes;
    }

    private static int Next(ReadOnlySpan<byte> words, out RespReply word)
    {
        RespVerdict verdict = RespElement.Read(words, int.MaxValue, int.MaxValue, out word, out int size);
        Debug.Assert(verdict == RespVerdict.Whole, "the frame is whole");
        return size;
    }
}
