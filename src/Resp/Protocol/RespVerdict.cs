namespace Redlock.Fast.Resp;

/// <summary>What was found at the start of some bytes: an element, the beginning of one, or a named flaw.</summary>
internal enum RespVerdict : byte
{
    UnknownType = 0,
    Resp3Type,
    LineTooLong,
    BareLineFeed,
    BareCarriageReturn,
    NotANumber,
    NumberOutOfRange,
    NegativeLength,
    BulkTooLong,
    BulkUnterminated,
    ArrayTooLong,
    ArrayTooDeep,
    FrameTooLarge,
    TooManyElements,
    NeedMore,
    Whole,
}
