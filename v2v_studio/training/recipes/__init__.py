"""One published stage of training a file; their names are there without torch."""

from __future__ import annotations

from typing import Literal, get_args

from v2v_studio.registry import Registry

Config = Literal["toy", "mini", "released"]  # seconds on a CPU; half an hour on a GPU; as published
CONFIGS: tuple[Config, ...] = get_args(Config)

RECIPES = Registry(
    "recipe",
    {
        "consisti2v": "v2v_studio.training.recipes.consisti2v:ConsistI2V",
        "motion_i2v_controlnet": "v2v_studio.training.recipes.motion_i2v_controlnet:MotionI2VControlNet",
        "motion_i2v_flow_vae": "v2v_studio.training.recipes.motion_i2v_flow_vae:MotionI2VFlowVAE",
        "motion_i2v_stage1": "v2v_studio.training.recipes.motion_i2v_stage1:MotionI2VStage1",
        "motion_i2v_stage2": "v2v_studio.training.recipes.motion_i2v_stage2:MotionI2VStage2",
        "picture_vae": "v2v_studio.training.recipes.picture_vae:PictureVAE",
        "smcd_image": "v2v_studio.training.recipes.smcd_image:SMCDImage",
        "smcd_motion": "v2v_studio.training.recipes.smcd_motion:SMCDMotion",
    },
)
