using System.Buffers;

namespace Redlock.Fast.Resp;

/// <summary>Makes a frame that runs a script into the one that stands in its place.</summary>
/// <remarks>Knows no lock and no connection. What it makes is valid until the next one.</remarks>
internal sealed class SubstituteFrame
{
    private static readonly RespScriptSubstitute _unknown = RespScriptSubstitute.Refusing(
        "the server runs no scripts for this client, and no command stands in for this one. "
        + "Allow EVALSHA or EVAL on the server (access list, rename-command, scripting module).");

    private readonly ArrayBufferWriter<byte> _output = new();

    /// <summary>The frame to send; the very same where nothing can be done but to hear the server's refusal.</summary>
    /// <param name="frame">A frame that runs a script by EVALSHA.</param>
    /// <param name="script">The script.</param>
    /// <param name="route">Which commands the server has.</param>
    /// <param name="substitute">What stands for the call.</param>
    public ReadOnlySpan<byte> Write(ReadOnlySpan<byte> frame, RespScript script, ScriptRoute route, out RespScriptSubstitute? substitute)
    {
        ScriptCall call = new(frame);
        substitute = Of(call, script, route);
        _output.ResetWrittenCount();
        switch (substitute.Command)
        {
            case RespSubstituteCommand.SetIfAbsent:
                WriteSet(call, parts: 6);
                RespWriter.WriteBulkString(_output, "NX"u8);
                WriteExpiry(call);
                break;
            case RespSubstituteCommand.SetIfEqual:
                WriteSet(call, parts: 7);
                WriteComparand(call.Argument(3));
                WriteExpiry(call);
                break;
            case RespSubstituteCommand.ExpireIfEqual:
                WriteSet(call, parts: 7);
                WriteComparand(call.Argument(1));
                WriteExpiry(call);
                break;
            case RespSubstituteCommand.DeleteIfEqual when substitute.IsByDelEx:
                WriteHead("DELEX"u8, call.Key, parts: 4);
                WriteComparand(call.Argument(1));
                break;
            case RespSubstituteCommand.DeleteIfEqual:
                WriteHead("DELIFEQ"u8, call.Key, parts: 3);
                RespWriter.WriteBulkString(_output, call.Argument(1));
                break;
            default:
                return frame;
        }

        return _output.WrittenSpan;
    }

    private static RespScriptSubstitute Of(in ScriptCall call, RespScript script, ScriptRoute route)
    {
        RespScriptSubstitute substitute = script.Substitute is { } known && call.HasKey ? known : _unknown;
        substitute = substitute.Comparing is { } comparing && !call.Argument(3).IsEmpty ? comparing : substitute;
        return route == ScriptRoute.DelEx ? substitute.WithDelEx : substitute;
    }

    private void WriteSet(in ScriptCall call, int parts)
    {
        WriteHead("SET"u8, call.Key, parts);
        RespWriter.WriteBulkString(_output, call.Argument(1));
    }

    private void WriteHead(ReadOnlySpan<byte> command, ReadOnlySpan<byte> key, int parts)
    {
        RespWriter.WriteArrayHeader(_output, parts);
        RespWriter.WriteBulkString(_output, command);
        RespWriter.WriteBulkString(_output, key);
    }

    private void WriteComparand(ReadOnlySpan<byte> value)
    {
        RespWriter.WriteBulkString(_output, "IFEQ"u8);
        RespWriter.WriteBulkString(_output, value);
    }

    private void WriteExpiry(in ScriptCall call)
    {
        RespWriter.WriteBulkString(_output, "PX"u8);
        RespWriter.WriteBulkString(_output, call.Argument(2));
    }
}
