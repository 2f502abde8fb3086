using EventStreams.Redis;

namespace Tests.Unit.Streams;

public sealed class RedisErrorTests
{
    [Theory]
    [InlineData("READONLY You can't write against a read only replica. script: f00, on @user_script:31.")]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'. script: f00, on @user_script:60.")]
    [InlineData("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")]
    [InlineData("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    [InlineData("TRYAGAIN")]
    // As up to 6.2.
    [InlineData(
        "ERR Error running script (call to f_6b1bf486c81ceb7edf3c093f0fb1291d6438a1cc): @user_script:1: @user_script: 1: -READONLY You "
            + "can't write against a read only replica."
    )]
    [InlineData(
        "ERR Error running script (call to f_6b1b): @user_script:60: @user_script: 60: -OOM command not allowed when used memory > "
            + "'maxmemory'."
    )]
    [InlineData(
        "ERR Error running script (call to f_6b1b): @user_script:60: @user_script: 60: -MISCONF Redis is configured to save RDB "
            + "snapshots: errors: -1"
    )]
    public void An_error_that_passes_is_known_in_the_words_of_every_version(string message) =>
        Assert.True(RedisScriptRunner.IsPassing(message));

    [Theory]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value")]
    [InlineData(
        "ERR Error running script (call to f_6b1b): @user_script:60: @user_script: 60: -WRONGTYPE Operation against a key holding the "
            + "wrong kind of value"
    )]
    [InlineData("ERR Error running script (call to f_6b1b): @user_script:31: attempt to compare nil with number")]
    [InlineData("NOPERM this user has no permissions to run the 'evalsha' command")]
    [InlineData("BUSYGROUP Consumer Group name already exists")]
    [InlineData("")]
    public void One_that_stays_is_not(string message) => Assert.False(RedisScriptRunner.IsPassing(message));
}
